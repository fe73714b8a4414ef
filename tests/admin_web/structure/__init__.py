"""All routes at once: who may open each, what they say of another school, how much they ask and send."""
