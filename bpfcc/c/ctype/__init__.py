"""C types: what they are, how they are laid out, how they relate and convert."""
