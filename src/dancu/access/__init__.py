"""Officers, roles, territories and purposes, and the one decision before any personal data is touched."""
