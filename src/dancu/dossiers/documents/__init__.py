"""Documents of dossiers: what kind they are, whether they are safe, and how they are kept."""
