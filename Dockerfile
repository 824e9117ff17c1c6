# An image with the grader and the CPU build of PyTorch. Grading strangers' code in it adds the
# container to the layers of the sandbox: see docs/install.md.
FROM python:3.12-slim AS build
# pip's options that select the CPU build of PyTorch, as pytorch.org lists them.
ARG TORCH_OPTIONS=""
WORKDIR /source
COPY . .
RUN python -m venv /opt/grade \
    && /opt/grade/bin/pip install --no-cache-dir ${TORCH_OPTIONS} "$(grep '^torch==' constraints.txt)" \
    && /opt/grade/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.12-slim
COPY --from=build /opt/grade /opt/grade
ENV PATH=/opt/grade/bin:$PATH
# An ordinary user. With `docker run --user`, any other one works, too.
RUN useradd --create-home grader
USER grader
WORKDIR /class
ENTRYPOINT ["grade"]
