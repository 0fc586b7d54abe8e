"""The payment API: one payment for one key, written where the writer is."""
