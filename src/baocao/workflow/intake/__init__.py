"""From a file that has arrived to its answer: received, screened, read, identified, decided."""
