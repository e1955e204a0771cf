"""Pure numbers: arrays in, numbers out, each with its source. Nothing here knows a file or a model."""
