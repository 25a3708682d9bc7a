"""The two sweeps over all regimes: what has arrived is taken in, what is due is sent."""
