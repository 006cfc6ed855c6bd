//! What Argo CD needs: one file per feature.
