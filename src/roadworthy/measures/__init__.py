"""Pure numbers: arrays in, numbers out, each with its source. Nothing here knows a file or a model.

Needs numpy and the standard library only, so that the serving process may import it. A number that is not defined
raises `MeasureError`; no function here returns a NaN.
"""
