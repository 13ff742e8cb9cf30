"""Client, sign-in and (soon) Singer tap for Exact Online."""
