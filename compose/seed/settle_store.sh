# In MinIO's container: removes every user of the stack's buckets but $KEEP. Prints how many these were.
set -eu
MC_CONFIG_DIR=$(mktemp -d)
export MC_CONFIG_DIR
trap 'rm -rf "$MC_CONFIG_DIR"' EXIT
# Keys reach the client by its environment, so that no process list shows them.
export MC_HOST_root="http://$MINIO_ROOT_USER:$MINIO_ROOT_PASSWORD@127.0.0.1:9000"

removed=0
users=$(mc --json admin user list root)
while read -r user; do
  case $user in
    *'"policyName":"stack-buckets"'*) ;;
    *) continue ;;
  esac
  name=${user#*'"accessKey":"'}
  name=${name%%'"'*}
  if [ "$name" = "$KEEP" ]; then continue; fi
  mc --quiet admin user remove root "$name" >/dev/null
  removed=$((removed + 1))
done <<LIST
$users
LIST
echo "$removed"
