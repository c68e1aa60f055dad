"""The population register: civil events are the only way in, and every state is the fold of them."""
