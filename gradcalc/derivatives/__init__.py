"""Derivatives that are not one gradient: Jacobians, Hessians, their products with vectors, and higher orders."""
