/** # Error codes that a simulated broker answers with (org.apache.kafka.common.protocol.Errors) */

export const ERROR = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  coordinatorLoading: 14,
  notCoordinator: 16,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  unsupportedSaslMechanism: 33,
  illegalSaslState: 34,
  unsupportedVersion: 35,
  invalidRequest: 42,
  saslAuthenticationFailed: 58,
  groupIdNotFound: 69,
  unstableOffsetCommit: 88,
  unknownTopicId: 100,
} as const;
