//! Causes of errors: one signature a file.
