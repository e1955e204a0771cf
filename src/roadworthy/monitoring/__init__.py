"""Windows, drift, estimated and measured quality, review items."""
