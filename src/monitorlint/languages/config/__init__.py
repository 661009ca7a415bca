"""Front end for the files around the code: environment files, package manifests, lock files, deployments."""
