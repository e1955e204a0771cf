"""Release: the live pointer moves, and only with a valid certificate."""

from datetime import date

from msgspec import Struct

from roadworthy.bundle.certificate import Certificate, Waiver, verify_bundle
from roadworthy.bundle.keys import trusted_keys
from roadworthy.gate.waivers import KIND as WAIVER
from roadworthy.gate.waivers import granted, waiver_document
from roadworthy.kernel.errors import GateError, PlaceError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.records import Event
from roadworthy.lifecycle.live import read_live, write_live
from roadworthy.lifecycle.project import Project


class Released(Struct, frozen=True, kw_only=True):
    """A move of the live pointer."""

    version: str
    before: str | None
    expires: str
    by_waiver: bool


def release(project: Project, version: str = "", *, reason: str = "release") -> Released:
    """Put a version on the road.

    Args:
        version: the first letters of one are enough; the newest certified one if empty.

    Raises:
        GateError, BundleError: if its certificate does not hold; the pointer stays where it is.
    """
    chosen = resolve_version(project, version)
    certificate = check(project, chosen)
    before = _live_version(project)
    write_live(project, chosen)
    project.ledger.point(f"live/{project.name}", chosen, reason=reason)
    return Released(
        version=chosen,
        before=before,
        expires=certificate.ends.isoformat(),
        by_waiver=certificate.by_waiver,
    )


def _live_version(project: Project) -> str | None:
    """What is live now; a garbled pointer, which only a release can mend, must not stop one."""
    try:
        live = read_live(project)
    except PlaceError:
        return project.ledger.pointer(f"live/{project.name}")
    return live.version if live else None


def rollback(project: Project) -> Released:
    """Go back to the version that was live before this one; its certificate must still hold.

    Raises:
        GateError: if there was none.
    """
    live = read_live(project)
    moves = [event.body["target"] for event in project.ledger.history(f"live/{project.name}")]
    earlier = [version for version in moves if live is None or version != live.version]
    if not earlier:
        raise GateError("no other version was ever live", where=project.name, fix="release one first")
    return release(project, earlier[-1], reason="rollback")


def check(project: Project, version: str) -> Certificate:
    """Verify a version's bundle and certificate as the server does."""
    return verify_bundle(project.bundles / version, trusted=trusted_keys(project.keys.trusted), now=project.clock())


def waive(project: Project, check: str, *, subject: str, person: str, reason: str, expires: date) -> Waiver:
    """Record that a person answers for a requirement that does not hold; it counts from the next run on."""
    waiver = granted(
        Waiver(person=person, reason=reason, expires=expires, check=check, subject=subject), now=project.clock()
    )
    key, body = waiver_document(waiver)
    project.ledger.keep(WAIVER, key, body)
    project.ledger.append(
        Event(kind="gate.waived", subject=check, at=project.clock().isoformat(timespec="seconds"), body=body)
    )
    return waiver


def resolve_version(project: Project, version: str) -> str:
    """A whole version from its first letters; the newest run's if empty.

    Raises:
        PlaceError: if there is none, or more than one.
    """
    if not version:
        newest = newest_model(project)
        if newest is None:
            raise PlaceError("there is no finished model", where=str(project.bundles), fix="make one: roadworthy run")
        return newest
    known = [path.name for path in project.bundles.glob("*") if path.is_dir() and not path.name.startswith(".")]
    found = [name for name in known if name.startswith(version)]
    if len(found) == 1:
        return found[0]
    fix = did_you_mean(version, known) if not found else f"write more letters: {', '.join(sorted(found))}"
    raise PlaceError(f"there is no one model {version!r}", where=str(project.bundles), fix=fix)


def newest_model(project: Project) -> str | None:
    """The version that the newest finished run came to."""
    runs = project.ledger.events(kind="run.ended", subject=project.name, last=1)
    return str(runs[-1].body["model"]) if runs else None
