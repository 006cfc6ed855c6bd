//! The IAM policy language as typed values.
