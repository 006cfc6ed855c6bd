//! Findings about what is there: one check a file.
