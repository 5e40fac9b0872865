# netpol-guard's image. `npm run image` makes the same one without Docker: both get their files from scripts/image/product.ts,
# and a test compares the rest. What runs is this base's Node, which is nodejs.org's, on this Debian's C library; that it is
# of the version that package.json pins, scripts/image.ts makes sure of.
FROM docker.io/library/node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /netpol-guard
COPY package.json package-lock.json ./
COPY scripts/pin-node.mjs scripts/
RUN npm ci
COPY . .
RUN node scripts/image.ts --tree /image --node /usr/local/bin/node

FROM scratch
COPY --from=build /image/ /
LABEL org.opencontainers.image.title="netpol-guard"
LABEL org.opencontainers.image.description="Kubernetes admission webhook that keeps DNS right under zero-trust network policies"
LABEL org.opencontainers.image.licenses="Apache-2.0"
ENV PATH="/usr/local/bin"
USER 65532:65532
EXPOSE 10250/tcp 8080/tcp 8081/tcp
ENTRYPOINT ["/usr/local/bin/node", "/netpol-guard/dist/netpol-guard.js"]
CMD ["serve"]
