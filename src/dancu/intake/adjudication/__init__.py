"""What is doubtful is decided by people: groups of records that may be one person, and who says what of them."""
