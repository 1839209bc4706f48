"""An open reasoner for California's Independent Medical Review."""
