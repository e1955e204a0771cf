"""The mergeable profile: what is known of a table, in a few kilobytes; the same bytes whatever the order of rows."""

from roadworthy.measures.profile.column import ColumnProfile
from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.profile import Profile

__all__ = ["ColumnProfile", "Estimate", "Profile"]
