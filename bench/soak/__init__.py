"""The soak: hours of traffic and faults on two hosts, and exact accounts of what went out."""
