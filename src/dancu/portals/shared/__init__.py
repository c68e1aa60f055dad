"""What all portals look like: design tokens, components, the shell, languages."""
