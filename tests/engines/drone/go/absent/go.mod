module docker.io/go-docker

go 1.12
