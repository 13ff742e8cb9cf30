"""Singer tap for Exact Online, with the client and the sign-in that its target shares."""
