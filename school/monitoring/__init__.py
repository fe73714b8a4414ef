"""How the platform is: what its processes say of themselves, what the clock's jobs did, figures. No child's data."""
