"""Pages for people: officers, citizens, analysts, agencies, the public."""
