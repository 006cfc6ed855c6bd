//! Desired objects, changes, steps, proof, and their rendering.
