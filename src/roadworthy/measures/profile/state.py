"""The state of a column: what its rows hold, by kind."""

from collections.abc import Mapping

from msgspec import Struct

from roadworthy.measures.profile.numbers import Numbers, merged_numbers
from roadworthy.measures.profile.texts import Texts, merged_texts

State = Numbers | Texts


class Column(Struct, frozen=True):
    """One column of a table.

    Attributes:
        position: the first place at which a part of the table had it.
        states: by tag, see `kinds`; several if the column changed its type between parts, none if it never had one.
            Rows that none of them counts are missing.
    """

    position: int
    states: Mapping[str, State]

    @property
    def count(self) -> int:
        """Rows with a value."""
        return sum(state.rows for state in self.states.values())


def merged_columns(first: Column, second: Column) -> Column:
    """The column over the rows of both."""
    states = dict(first.states)
    for tag, state in second.states.items():
        states[tag] = merged_states(states[tag], state) if tag in states else state
    return Column(min(first.position, second.position), states)


def merged_states(first: State, second: State) -> State:
    """The state over the rows of both; they are of one kind."""
    if isinstance(first, Numbers) and isinstance(second, Numbers):
        return merged_numbers(first, second)
    if isinstance(first, Texts) and isinstance(second, Texts):
        return merged_texts(first, second)
    raise TypeError("a kind is either of numbers or of texts")
