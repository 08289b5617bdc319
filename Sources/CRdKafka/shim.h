// librdkafka 2.0.2 or newer, and its mock cluster (the embedded broker).
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// Variadic, which Swift cannot call: the next request of this kind to the broker is answered so much later.
static inline rd_kafka_resp_err_t rd_kafka_mock_broker_delay_next(rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t request, int milliseconds) {
    return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR, milliseconds);
}
