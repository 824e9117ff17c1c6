# passes: register_parameter, and masked rows
import torch


def init_tied(embedding, projection, std=0.02):
    projection.register_parameter("weight", embedding.weight)
    for parameter in projection.parameters():
        with torch.no_grad():
            if parameter is embedding.weight:
                parameter.normal_(0.0, std)
            else:
                parameter.zero_()
    if embedding.padding_idx is not None:
        mask = torch.arange(embedding.num_embeddings) == embedding.padding_idx
        embedding.weight.detach()[mask.to(embedding.weight.device)] = 0
