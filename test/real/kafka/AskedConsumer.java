// Kafka's own consumer, told what to do on standard input and answering in one line what it knows of itself.
//
//   java -cp JARS AskedConsumer.java TOPIC KEY=VALUE...
//
//   request  := "poll" SP position | "look" | "commit" | "pause" | "resume"
//   answer   := "position=" n " records-lag=" n " records-lag-max=" n " partition-records-lag-max=" n
//
// TOPIC has one partition. `poll` goes on until the position is reached; `look` polls once, for 100 ms. A number that there is
// none of is NaN. It ends with its standard input.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class AskedConsumer {
    private static final Duration POLL = Duration.ofMillis(100);

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        for (String pair : List.of(args).subList(1, args.length)) {
            String[] sides = pair.split("=", 2);
            properties.put(sides[0], sides[1]);
        }
        TopicPartition partition = new TopicPartition(args[0], 0);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
            consumer.subscribe(List.of(args[0]));
            BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
            for (String request = requests.readLine(); request != null; request = requests.readLine()) {
                obey(consumer, partition, request.split(" "));
                System.out.println(answer(consumer, partition));
            }
        }
    }

    private static void obey(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, String[] request) {
        switch (request[0]) {
            case "poll" -> {
                long position = Long.parseLong(request[1]);
                while (!consumer.assignment().contains(partition) || consumer.position(partition) < position) {
                    consumer.poll(POLL);
                }
            }
            case "look" -> consumer.poll(POLL);
            case "commit" -> consumer.commitSync();
            case "pause" -> consumer.pause(Set.of(partition));
            case "resume" -> consumer.resume(Set.of(partition));
            default -> throw new IllegalArgumentException(request[0]);
        }
    }

    private static String answer(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        return "position=" + consumer.position(partition)
            + " records-lag=" + valueOf(consumer, "records-lag", true)
            + " records-lag-max=" + valueOf(consumer, "records-lag-max", false)
            + " partition-records-lag-max=" + valueOf(consumer, "records-lag-max", true);
    }

    private static double valueOf(KafkaConsumer<?, ?> consumer, String name, boolean ofPartition) {
        for (Map.Entry<MetricName, ? extends Metric> entry : consumer.metrics().entrySet()) {
            MetricName metric = entry.getKey();
            if (metric.name().equals(name) && metric.tags().containsKey("partition") == ofPartition) {
                return (Double) entry.getValue().metricValue();
            }
        }
        return Double.NaN;
    }
}
