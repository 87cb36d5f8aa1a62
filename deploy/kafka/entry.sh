#!/bin/sh
# Formats the volume the first time, then runs the broker. Nothing but the volume is written to.
set -eu
config=/etc/tidemark/kafka/server.properties
export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=/etc/tidemark/kafka/log4j2.properties"
export KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:-UsePerfData"
# Without -loggc: its files would lie in the root of the container.
export EXTRA_ARGS="-name kafkaServer"
export LOG_DIR=/tmp/logs
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$config"
exec /opt/kafka/bin/kafka-server-start.sh "$config"
