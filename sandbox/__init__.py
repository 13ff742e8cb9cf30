"""The three systems, simulated on loopback: for tests, for the demo, and to try settings without risk."""
