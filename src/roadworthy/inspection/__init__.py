"""The test levels before a release."""
