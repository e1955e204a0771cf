"""Windows, drift, estimated and measured quality, review items.

`observe` is the one door: a pure function of the state, the reference of the bundle, and the records that came in.
"""
