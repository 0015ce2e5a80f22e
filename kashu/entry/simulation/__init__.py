"""The simulation: the five platforms on this machine, stores connected to them, and buyers."""
