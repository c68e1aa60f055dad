"""The only toolbox that does input and output: database, web, settings, keys, jobs, languages."""
