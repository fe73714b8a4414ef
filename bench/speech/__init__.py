"""`make bench-speech`: how well an independent recogniser understands each voice over the telephone."""
