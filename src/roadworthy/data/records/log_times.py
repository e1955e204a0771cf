"""Times of log lines turned into ISO 8601 in UTC, where the line (or the declaration) says enough.

The rules: a zone in the line goes before the declared one; without either the time is taken for UTC. RFC 3164 writes
no year: the declared year is that of the first line, and goes up by one where a month follows that is more than six
months earlier (December to January). Without a declared year the time is kept as it is written.
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from roadworthy.kernel.errors import SourceError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = {name: f"{place:02d}" for place, name in enumerate(_MONTHS, 1)}
_APACHE = r"^(\d{1,2})/(\w{3})/(\d{4}):(\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?: ([+-]\d{4}))?$"
_ISO = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:[.,]\d+)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?$"
_HALF = 6


def zone_of(name: str) -> str:
    """A declared zone.

    Raises:
        SourceError: if there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise SourceError(
            f"there is no time zone {name!r}", where="[[data.source]] timezone", fix='such as "UTC" or "Europe/Berlin"'
        ) from err
    return name


def in_utc(written: pl.Series, zone: str) -> pl.Series:
    """Times as ISO 8601 in UTC, text; null where a time is not understood.

    >>> in_utc(pl.Series(["10/Oct/2000:13:55:36 -0700", "2024-01-31 08:00:00,5", "soon"]), "UTC").to_list()
    ['2000-10-10T20:55:36Z', '2024-01-31T08:00:00.500Z', None]
    """
    column = pl.col("t")
    iso = [column.str.extract(_ISO, place) for place in (1, 2, 3)]
    day, month, year, clock, offset = (column.str.extract(_APACHE, place) for place in range(1, 6))
    apache = pl.concat_str([year, month.replace_strict(_NUMBER, default=None), day.str.zfill(2)], separator="-")
    parts = pl.DataFrame({"t": written}).select(
        day=pl.coalesce(iso[0], apache),
        clock=pl.coalesce(iso[1].str.replace(",", ".", literal=True), clock),
        zone=pl.coalesce(iso[2], offset).str.replace("^(Z|UTC)$", "+0000").str.replace(":", "", literal=True),
    )
    local = pl.concat_str(["day", "clock"], separator="T").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="ns", strict=False
    )
    minutes = (
        pl.col("zone").str.slice(1, 2).cast(pl.Int64, strict=False) * 60
        + pl.col("zone").str.slice(3, 2).cast(pl.Int64, strict=False)
    ) * pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    stated = local - pl.duration(minutes=minutes)
    assumed = (
        local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )
    utc = pl.when(pl.col("zone").is_not_null()).then(stated).otherwise(assumed)
    return parts.select(utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ").alias(written.name))[written.name]


def years_of(written: pl.Series, year: int) -> pl.Series:
    """`Oct 11 22:14:15` with its year, as `2024-10-11 22:14:15`; the year goes up where the months begin again.

    >>> years_of(pl.Series(["Dec 31 23:59:59", "Jan  1 00:00:00", None]), 2023).to_list()
    ['2023-12-31 23:59:59', '2024-01-01 00:00:00', None]
    """
    frame = pl.DataFrame({"t": written}).select(
        month=pl.col("t").str.slice(0, 3).replace_strict(_NUMBER, default=None),
        day=pl.col("t").str.slice(4, 2).str.strip_chars().str.zfill(2),
        clock=pl.col("t").str.slice(7),
    )
    number = pl.col("month").cast(pl.Int64, strict=False).forward_fill()
    turned = ((number.shift(1) - number) > _HALF).fill_null(value=False).cum_sum()
    back = ((number - number.shift(1)) > _HALF).fill_null(value=False).cum_sum()
    said = (year + turned.cast(pl.Int64) - back.cast(pl.Int64)).cast(pl.String)
    whole = pl.concat_str([said, "month", "day"], separator="-") + " " + pl.col("clock")
    return frame.select(whole.alias(written.name))[written.name]
