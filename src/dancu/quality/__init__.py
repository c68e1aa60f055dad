"""How good the register is: correct, complete, clean, live; measured, with intervals, and down to what to put right."""
