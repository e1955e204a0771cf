"""The loop that sources of records share: every file read, labelled and told of."""

from collections.abc import Callable, Collection, Iterator

from roadworthy.data.bounded import Limits
from roadworthy.data.labels import file_labeller, with_label
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.data.streams import Stream, nothing_found, streams
from roadworthy.declare.data import Source
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

_LIMITS = Limits(member=1 << 30)


def read_files(
    declared: Source,
    context: SourceContext,
    endings: Collection[str],
    read: Callable[[Stream], Iterator[RawTable | Finding]],
) -> Iterator[Given]:
    """What `read` gives of each file that a source declares; tables get the label of their file, if one is declared.

    Raises:
        SourceError: if no record can be read at all.
    """
    found, first = 0, None
    label_of = file_labeller(declared.label, context.root)
    context.progress.begin(f"read {declared.path}")
    for stream in streams(declared, context.root, endings=endings, limits=_LIMITS):
        for given in [stream] if isinstance(stream, Finding) else read(stream):
            if isinstance(given, RawTable) and isinstance(stream, Stream):
                found += given.frame.height
                context.progress.advance(note=given.archive)
                yield with_label(given, label_of(stream.archive, stream.member), context.target)
            elif isinstance(given, Finding):
                first = first or (given if given.verdict is Verdict.FAIL else None)
                yield given
    context.progress.end()
    if not found:
        raise nothing_found(declared, f"record of kind {declared.kind}", first)
