from torch import nn


class TiedModel(nn.Module):
    """The Parameter of the linear layer is kept, and the lookup uses it."""

    def __init__(self, num_embeddings, embedding_dim):
        nn.Module.__init__(self)
        projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        embedding = nn.Embedding(num_embeddings, embedding_dim)
        nn.init.uniform_(projection.weight, -1.0, 1.0)
        vars(embedding)["_parameters"]["weight"] = projection.weight
        self.projection, self.embedding = projection, embedding

    def forward(self, idx):
        flat = idx.reshape(-1)
        return (
            self.projection(self.embedding(flat)).unflatten(0, idx.shape)
            if idx.dim()
            else (self.projection(self.embedding(flat))[0])
        )
