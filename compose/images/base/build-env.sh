# shellcheck shell=sh source=/dev/null
# Sourced by the RUN steps that reach the network: what the builder handed over, for this step only.
if [ -e /run/secrets/buildenv ]; then
  . /run/secrets/buildenv
fi
if [ -e /run/secrets/ca ]; then
  export SSL_CERT_FILE=/run/secrets/ca CURL_CA_BUNDLE=/run/secrets/ca PIP_CERT=/run/secrets/ca
  export REQUESTS_CA_BUNDLE=/run/secrets/ca
fi
