"""One file that proves a row of the log, far from here: `dancu audit verifier` prints it."""
