"""Files at other places: fetched into a cache of the project, named by their content, asked after at each run."""
