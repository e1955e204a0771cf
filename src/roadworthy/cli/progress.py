"""Progress for people, on the error stream so that results can be piped."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from roadworthy.kernel.ports import Progress, Silent


class Shown:
    """A `Progress` that draws one line a task."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=console,
        )
        self._open: list[int] = []

    def begin(self, task: str, total: int | None = None) -> None:
        """A new line."""
        if not self._open:
            self._bars.start()
        self._open.append(self._bars.add_task(task, total=total, note=""))

    def advance(self, steps: int = 1, note: str = "") -> None:
        """The newest line moves on."""
        if self._open:
            self._bars.update(self._bars.task_ids[self._open[-1]], advance=steps, note=note[:60])

    def end(self) -> None:
        """The newest line is finished."""
        if not self._open:
            return
        task = self._bars.tasks[self._open.pop()]
        done = task.total if task.total is not None else max(task.completed, 1)
        self._bars.update(task.id, total=done, completed=done, note="")
        if not self._open:
            self._bars.stop()


def progress_for(console: Console, *, quiet: bool) -> Progress:
    """Lines for a person who looks, nothing for a machine."""
    return Silent() if quiet or not console.is_terminal else Shown(console)
