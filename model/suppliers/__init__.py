"""What meets a model's needs: one supplier per kind of need, over the files of a split."""
