# netpol-guard's image. `npm run image` makes the same one without Docker: both get their files from scripts/image/product.ts,
# and a test compares the rest. What runs is the Node of package-lock.json, on this Debian's C library.
FROM docker.io/library/node:24-bookworm-slim AS build
WORKDIR /netpol-guard
COPY package.json package-lock.json ./
COPY scripts/pin-node.mjs scripts/
RUN npm ci
COPY . .
RUN npm run image -- --tree /image

FROM scratch
COPY --from=build /image/ /
LABEL org.opencontainers.image.title="netpol-guard"
LABEL org.opencontainers.image.description="Kubernetes admission webhook that keeps DNS right under zero-trust network policies"
LABEL org.opencontainers.image.licenses="Apache-2.0"
ENV PATH="/usr/local/bin"
USER 65532:65532
EXPOSE 10250/tcp 8080/tcp
ENTRYPOINT ["/usr/local/bin/node", "/netpol-guard/dist/netpol-guard.js"]
CMD ["serve"]
