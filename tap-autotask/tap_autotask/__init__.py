"""Singer tap for Autotask PSA, built on the Meltano Singer SDK."""
